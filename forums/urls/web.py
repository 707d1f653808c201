"""Where pages of forums lie: feeds, and what search engines ask for."""

from django.urls import URLPattern, URLResolver, path

from forums.views import web

urlpatterns: list[URLPattern | URLResolver] = [
    path("f/<str:slug>/feed.atom", web.forum_feed, name="forum_feed"),
    path("forums/home/feed.atom", web.home_feed, name="home_feed"),
    path("forums/feeds/", web.forum_feeds, name="forum_feeds"),
    path("forums/feeds/key/", web.feed_key, name="feed_key"),
    path("robots.txt", web.robots, name="robots"),
    path("sitemap.xml", web.sitemap, name="sitemap"),
    path("sitemap-forums.xml", web.sitemap_forums, name="sitemap_forums"),
    path("sitemap-<uuid:forum_id>-<int:part>.xml", web.sitemap_posts, name="sitemap_posts"),
]
