"""Where the pictures of posts and of linked pages lie."""

from chatter.core.pictures import Album

# Shown in lists and on a post's page; on dense or wide screens.
EDGES = (640, 1600)
POSTS = Album("posts", edges=EDGES)
# Of linked pages: small beside the words.
PREVIEWS = Album("previews", edges=(640,))
