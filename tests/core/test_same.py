"""What is the same for everybody holds nothing of anybody."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

LOAD = "{% load i18n page same static %}"


def test_it_is_rendered_once_for_each_language() -> None:
    made = Template(LOAD + '{% same %}<a href="{% url \'home\' %}">{% translate "Settings" %}</a>{% endsame %}')
    assert made.render(Context()) == '<a href="/">Settings</a>'
    with translation.override("de"):
        assert made.render(Context()) == '<a href="/">Einstellungen</a>'
    assert made.render(Context()) == '<a href="/">Settings</a>'


def test_it_may_include_what_is_the_same_too() -> None:
    made = Template(
        LOAD
        + '{% same %}{% icon "x" %}{% static "img/logo.svg" %}{% include "components/_shortcuts.html" %}{% endsame %}'
    )
    assert made.render(Context()) == made.render(Context({"user": "alice"}))


@pytest.mark.parametrize(
    "inside",
    [
        *("{{ user }}", "{{ user.name|upper }}", "{% if theme %}x{% endif %}", "{% csrf_token %}"),
        *("{% url 'person' user %}", "{% for one in many %}x{% endfor %}"),
        "{% blocktranslate %}Hello {{ user }}{% endblocktranslate %}",
    ],
)
def test_whoever_asks_for_the_page_is_told(inside: str) -> None:
    made = Template(LOAD + "{% same %}" + inside + "{% endsame %}")
    with pytest.raises(RuntimeError, match="shown to everybody"):
        made.render(Context({"user": "alice", "theme": "dark", "many": [1], "csrf_token": "secret"}))


def test_other_templates_cannot_fill_it() -> None:
    with pytest.raises(TemplateSyntaxError, match="no blocks"):
        Template(LOAD + "{% same %}{% block content %}{% endblock %}{% endsame %}")
