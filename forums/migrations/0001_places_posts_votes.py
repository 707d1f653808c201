"""Forums, their people, posts, comments, votes, and what keeps them in order."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.functions.uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0013_unread_of_place"),
        ("chat", "0007_append_calls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedKey",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="feed_key",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("text", "Text"), ("link", "Link"), ("image", "Pictures"), ("poll", "Poll")],
                        default="text",
                        max_length=5,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=300)),
                ("content", models.TextField(blank=True, db_default="", default="")),
                ("html", models.TextField(blank=True, db_default="", default="")),
                ("excerpt", models.CharField(blank=True, db_default="", default="", max_length=300)),
                ("url", models.CharField(blank=True, db_default="", default="", max_length=2000)),
                ("preview", models.JSONField(blank=True, db_default={}, default=dict)),
                ("is_spoiler", models.BooleanField(db_default=False, default=False)),
                ("is_nsfw", models.BooleanField(db_default=False, default=False)),
                ("up_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("down_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("score", models.IntegerField(db_default=0, default=0)),
                ("hot", models.FloatField(db_default=0, default=0)),
                ("controversy", models.FloatField(db_default=0, default=0)),
                ("comment_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("last_comment_number", models.PositiveIntegerField(db_default=0, default=0)),
                ("pinned_at", models.DateTimeField(blank=True, null=True)),
                ("locked_at", models.DateTimeField(blank=True, null=True)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removal_reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            "title",
                            "content",
                            arg_joiner="::text), 'A') || setweight(to_tsvector('simple'::regconfig, ",
                            function="setweight",
                            template="setweight(to_tsvector('simple'::regconfig, %(expressions)s), 'B')",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cross_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="crosses",
                        to="forums.post",
                    ),
                ),
                (
                    "discussion",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="discussed_post",
                        to="chat.conversation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PollOption",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=150)),
                ("vote_count", models.PositiveIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Forum",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("slug", models.CharField(max_length=50, unique=True, verbose_name="address")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("description", models.CharField(blank=True, default="", max_length=500, verbose_name="description")),
                ("icon", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("banner", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("is_public", models.BooleanField(default=True, verbose_name="public")),
                (
                    "posting",
                    models.CharField(
                        choices=[("everyone", "Everybody"), ("members", "Members"), ("moderators", "Moderators")],
                        default="everyone",
                        max_length=10,
                    ),
                ),
                (
                    "kinds_off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5), blank=True, default=list
                    ),
                ),
                (
                    "holding",
                    models.CharField(
                        choices=[
                            ("nothing", "Nothing"),
                            ("newcomers", "What newcomers write"),
                            ("posts", "Every post"),
                        ],
                        default="nothing",
                        max_length=9,
                    ),
                ),
                ("scores_hidden_minutes", models.PositiveIntegerField(default=0)),
                ("is_nsfw", models.BooleanField(default=False)),
                ("needs_flair", models.BooleanField(default=False)),
                ("takes_requests", models.BooleanField(default=True)),
                ("is_log_public", models.BooleanField(default=False)),
                ("member_count", models.PositiveIntegerField(default=0, editable=False)),
                ("post_count", models.PositiveIntegerField(default=0, editable=False)),
                ("last_number", models.PositiveIntegerField(default=0, editable=False)),
                ("deletion_due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forums_owned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("slug", models.CharField(max_length=50, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "forum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="former_slugs", to="forums.forum"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Flair",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("post", "Posts"), ("member", "People")], default="post", max_length=6),
                ),
                ("name", models.CharField(max_length=64)),
                ("hue", models.PositiveSmallIntegerField(default=0)),
                ("is_for_moderators", models.BooleanField(default=False)),
                ("position", models.IntegerField(default=0)),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flairs",
                        to="forums.forum",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("text", "Text"), ("link", "Link"), ("image", "Pictures"), ("poll", "Poll")],
                        default="text",
                        max_length=5,
                    ),
                ),
                ("title", models.CharField(blank=True, default="", max_length=300)),
                ("content", models.TextField(blank=True, default="")),
                ("url", models.CharField(blank=True, default="", max_length=2000)),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=150), blank=True, default=list
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="forums.forum",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ban",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=500)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forum_bans",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bans",
                        to="forums.forum",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForumDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("joined", models.PositiveIntegerField(default=0)),
                ("left", models.PositiveIntegerField(default=0)),
                ("posts", models.PositiveIntegerField(default=0)),
                ("comments", models.PositiveIntegerField(default=0)),
                ("votes", models.PositiveIntegerField(default=0)),
                ("active", models.PositiveIntegerField(default=0)),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="forums.forum",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="forums.forum",
                    ),
                ),
                (
                    "inviter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forum_invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JoinRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", models.CharField(blank=True, default="", max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("accepted", "Accepted"), ("declined", "Declined")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="forums.forum",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forum_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LinkLook",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=2000)),
                ("is_done", models.BooleanField(default=False)),
                ("found", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="link_look_oldest")],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("permissions", models.BigIntegerField(db_default=0, default=0)),
                ("is_subscribed", models.BooleanField(db_default=True, default=True)),
                (
                    "notify",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Answers and mentions"),
                            ("posts", "Every new post, too"),
                            ("muted", "Nothing (muted)"),
                        ],
                        db_default="",
                        default="",
                        max_length=5,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "flair",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forums.flair",
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="forums.forum",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forum_members",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=1000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="forums.forum",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forum_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Origin",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="origin",
                        serialize=False,
                        to="forums.post",
                    ),
                ),
                ("numbers", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="poll",
                        serialize=False,
                        to="forums.post",
                    ),
                ),
                ("is_multiple", models.BooleanField(default=False)),
                ("may_change", models.BooleanField(default=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
                ("voter_count", models.PositiveIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="flair",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="forums.flair"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="forum",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="forums.forum"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="removed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("depth", models.PositiveIntegerField(db_default=0, default=0)),
                ("client_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("content", models.TextField(blank=True, db_default="", default="")),
                ("html", models.TextField(blank=True, db_default="", default="")),
                ("up_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("down_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("score", models.IntegerField(db_default=0, default=0)),
                ("best", models.FloatField(db_default=0, default=0)),
                ("controversy", models.FloatField(db_default=0, default=0)),
                ("reply_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removal_reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            "content",
                            function="to_tsvector",
                            template="%(function)s('simple'::regconfig, %(expressions)s)",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="forums.comment",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="forums.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PersonFollow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "follower",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PollVote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "option",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ballots",
                        to="forums.polloption",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostFollow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("is_on", models.BooleanField(db_default=True, default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="forums.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_follows",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostImage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("alt", models.CharField(blank=True, default="", max_length=500)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="images",
                        to="forums.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostVote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("value", models.SmallIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="forums.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_votes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(choices=[("edited", "Edited"), ("deleted", "Deleted")], max_length=7)),
                ("title", models.CharField(blank=True, default="", max_length=300)),
                ("content", models.TextField()),
                ("created_at", models.DateTimeField()),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="revisions",
                        to="forums.comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="revisions",
                        to="forums.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.IntegerField(default=0)),
                ("title", models.CharField(max_length=100)),
                ("text", models.CharField(blank=True, default="", max_length=500)),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="forums.forum",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="removed_for",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="forums.rule"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="removed_for",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="forums.rule"
            ),
        ),
        migrations.CreateModel(
            name="Saved",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saves",
                        to="forums.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("since", models.DateTimeField()),
                ("found_count", models.PositiveIntegerField(default=0)),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "forum",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sweeps",
                        to="forums.forum",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forums.rule",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommentVote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("value", models.SmallIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="forums.comment",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comment_votes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-id"], name="comment_vote_of_user"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="comment_vote_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "user"), name="comment_vote_once"),
                    models.CheckConstraint(condition=models.Q(("value__in", [-1, 1])), name="comment_vote_up_or_down"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="forum",
            index=models.Index(
                condition=models.Q(("deletion_due_at", None), ("is_public", True)),
                fields=["-member_count", "id"],
                name="forum_directory",
            ),
        ),
        migrations.AddIndex(
            model_name="forum",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("description"), name="gin_trgm_ops"
                ),
                condition=models.Q(("deletion_due_at", None), ("is_public", True)),
                name="forum_words",
            ),
        ),
        migrations.AddIndex(
            model_name="forum",
            index=models.Index(
                condition=models.Q(("deletion_due_at", None), _negated=True),
                fields=["deletion_due_at"],
                name="forum_deletion_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="forum",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("slug", ""), _negated=True)),
                name="forum_has_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="forum",
            constraint=models.CheckConstraint(
                condition=models.Q(("posting__in", ["everyone", "members", "moderators"])), name="forum_posting_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="forum",
            constraint=models.CheckConstraint(
                condition=models.Q(("holding__in", ["nothing", "newcomers", "posts"])), name="forum_holding_known"
            ),
        ),
        migrations.AddIndex(
            model_name="flair",
            index=models.Index(fields=["forum", "kind", "position"], name="flair_in_forum"),
        ),
        migrations.AddConstraint(
            model_name="flair",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["post", "member"])), name="flair_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="flair",
            constraint=models.CheckConstraint(condition=models.Q(("hue__lt", 12)), name="flair_hue_known"),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["author", "-updated_at"], name="draft_of_author"),
        ),
        migrations.AddIndex(
            model_name="ban",
            index=models.Index(fields=["forum", "-created_at"], name="forum_ban_in_forum"),
        ),
        migrations.AddIndex(
            model_name="ban",
            index=models.Index(
                condition=models.Q(("until", None), _negated=True), fields=["until"], name="forum_ban_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="ban",
            constraint=models.UniqueConstraint(fields=("forum", "user"), name="forum_ban_once"),
        ),
        migrations.AddConstraint(
            model_name="forumday",
            constraint=models.UniqueConstraint(fields=("forum", "day"), name="forum_day_once"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("forum", "user"), name="forum_invitation_once"),
        ),
        migrations.AddIndex(
            model_name="joinrequest",
            index=models.Index(fields=["forum", "state", "created_at"], name="forum_request_queue"),
        ),
        migrations.AddConstraint(
            model_name="joinrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "pending")), fields=("forum", "user"), name="forum_request_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="joinrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "accepted", "declined"])), name="forum_request_state_known"
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["user", "forum"], name="forum_member_of_user"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(condition=models.Q(("permissions__gt", 0)), fields=["forum"], name="forum_moderators"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("notify", "posts")), fields=["forum", "user"], name="forum_member_notified"
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["forum", "-created_at"], name="forum_member_newest"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("forum", "user"), name="forum_member_once"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("permissions__gte", 0)), name="forum_member_permissions_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["forum", "user", "-created_at"], name="forum_note_on_person"),
        ),
        migrations.AddField(
            model_name="origin",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.conversation"
            ),
        ),
        migrations.AddField(
            model_name="pollvote",
            name="poll",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="ballots", to="forums.poll"
            ),
        ),
        migrations.AddField(
            model_name="polloption",
            name="poll",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="options", to="forums.poll"
            ),
        ),
        migrations.AddConstraint(
            model_name="personfollow",
            constraint=models.UniqueConstraint(fields=("follower", "user"), name="person_follow_once"),
        ),
        migrations.AddConstraint(
            model_name="personfollow",
            constraint=models.CheckConstraint(
                condition=models.Q(("follower", models.F("user")), _negated=True), name="person_follow_other"
            ),
        ),
        migrations.AddConstraint(
            model_name="postfollow",
            constraint=models.UniqueConstraint(fields=("post", "user"), name="post_follow_once"),
        ),
        migrations.AddConstraint(
            model_name="postimage",
            constraint=models.UniqueConstraint(fields=("post", "position"), name="post_image_place_once"),
        ),
        migrations.AddIndex(
            model_name="postvote",
            index=models.Index(fields=["user", "-id"], name="post_vote_of_user"),
        ),
        migrations.AddIndex(
            model_name="postvote",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="post_vote_by_time"),
        ),
        migrations.AddConstraint(
            model_name="postvote",
            constraint=models.UniqueConstraint(fields=("post", "user"), name="post_vote_once"),
        ),
        migrations.AddConstraint(
            model_name="postvote",
            constraint=models.CheckConstraint(condition=models.Q(("value__in", [-1, 1])), name="post_vote_up_or_down"),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("post", None), _negated=True),
                fields=["post", "created_at"],
                name="revision_of_post",
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("comment", None), _negated=True),
                fields=["comment", "created_at"],
                name="revision_of_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("comment__isnull", False), ("post", None)),
                    models.Q(("comment", None), ("post__isnull", False)),
                    _connector="OR",
                ),
                name="forum_revision_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="rule",
            index=models.Index(fields=["forum", "position"], name="rule_in_forum"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["forum", "-hot", "-id"],
                name="post_hot_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["forum", "-id"],
                name="post_new_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["forum", "-score", "-id"],
                name="post_top_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["forum", "-controversy", "-id"],
                name="post_disputed_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["-hot", "-id"],
                name="post_hot",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["-id"],
                name="post_new",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["-score", "-id"],
                name="post_top",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["-controversy", "-id"],
                name="post_disputed",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "-id"], name="post_of_author"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None),
                    ("held_at", None),
                    ("removed_at", None),
                    models.Q(("pinned_at", None), _negated=True),
                ),
                fields=["forum", "-pinned_at"],
                name="post_pinned_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    models.Q(("held_at", None), _negated=True), ("deleted_at", None), ("removed_at", None)
                ),
                fields=["forum", "held_at"],
                name="post_held_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("removed_at", None), _negated=True),
                fields=["forum", "-removed_at"],
                name="post_removed_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("discussion", None), _negated=True),
                fields=["forum"],
                name="post_discussed_in_forum",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="post_search"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=("forum", "number"), name="post_number_once"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id", None), _negated=True),
                fields=("author", "client_id"),
                name="post_sent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "link", "image", "poll"])), name="post_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deleted_at", None),
                    models.Q(("content", ""), ("excerpt", ""), ("html", ""), ("title", ""), ("url", "")),
                    _connector="OR",
                ),
                name="post_tombstone_is_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleted_at", None), _negated=True),
                    models.Q(("title", ""), _negated=True),
                    _connector="OR",
                ),
                name="post_has_title",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["author", "-id"], name="comment_of_author"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(
                    models.Q(("held_at", None), _negated=True), ("deleted_at", None), ("removed_at", None)
                ),
                fields=["post", "held_at"],
                name="comment_held_in_post",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("removed_at", None), _negated=True), fields=["-removed_at"], name="comment_removed"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="comment_search"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("parent", "post"),
                models.F("number"),
                name="comment_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("parent", "post"),
                models.OrderBy(models.F("best"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                name="comment_answers_best",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("parent", "post"),
                models.OrderBy(models.F("score"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                name="comment_answers_top",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("parent", "post"),
                models.OrderBy(models.F("controversy"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                name="comment_answers_disputed",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(fields=("post", "number"), name="comment_number_once"),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id", None), _negated=True),
                fields=("post", "author", "client_id"),
                name="comment_sent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("deleted_at", None), models.Q(("content", ""), ("html", "")), _connector="OR"),
                name="comment_tombstone_is_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("depth", 0), ("parent", None)),
                    models.Q(("parent__isnull", False), ("depth__gt", 0)),
                    _connector="OR",
                ),
                name="comment_depth_of_tree",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True), name="comment_not_under_itself"
            ),
        ),
        migrations.AddIndex(
            model_name="saved",
            index=models.Index(fields=["user", "-id"], name="saved_by_user"),
        ),
        migrations.AddConstraint(
            model_name="saved",
            constraint=models.UniqueConstraint(fields=("post", "user"), name="saved_post_once"),
        ),
        migrations.AddIndex(
            model_name="sweep",
            index=models.Index(fields=["forum", "-created_at"], name="sweep_in_forum"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["author", "created_at"], name="upload_of_author"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["created_at"], name="upload_oldest"),
        ),
        migrations.AddIndex(
            model_name="pollvote",
            index=models.Index(fields=["poll", "user"], name="poll_ballot_of_user"),
        ),
        migrations.AddConstraint(
            model_name="pollvote",
            constraint=models.UniqueConstraint(fields=("option", "user"), name="poll_choice_once"),
        ),
        migrations.AddConstraint(
            model_name="polloption",
            constraint=models.UniqueConstraint(fields=("poll", "position"), name="poll_option_place_once"),
        ),
    ]
