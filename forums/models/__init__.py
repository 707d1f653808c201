"""What forums are made of: places and their people, posts, comments, votes, moderation."""

from forums.models.comment import Comment
from forums.models.forum import Flair, FormerSlug, Forum, ForumDay, Rule
from forums.models.member import Ban, FeedKey, Invitation, JoinRequest, Member, Note, PersonFollow
from forums.models.pending import LinkLook, Upload
from forums.models.post import Draft, Origin, Post, PostFollow, PostImage, Revision, Saved
from forums.models.sweep import Sweep
from forums.models.vote import CommentVote, Poll, PollOption, PollVote, PostVote

__all__ = [
    "Ban",
    "Comment",
    "CommentVote",
    "Draft",
    "FeedKey",
    "Flair",
    "FormerSlug",
    "Forum",
    "ForumDay",
    "Invitation",
    "JoinRequest",
    "LinkLook",
    "Member",
    "Note",
    "Origin",
    "PersonFollow",
    "Poll",
    "PollOption",
    "PollVote",
    "Post",
    "PostFollow",
    "PostImage",
    "PostVote",
    "Revision",
    "Rule",
    "Saved",
    "Sweep",
    "Upload",
]
