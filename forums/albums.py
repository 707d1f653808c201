"""Where the pictures of posts lie, and those of the pages they link."""

from chatter.core.pictures import Album

# Shown in lists and on a post's page; on dense or wide screens.
EDGES = (640, 1600)
POSTS = Album("posts", edges=EDGES)
