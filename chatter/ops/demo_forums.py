"""The demo's forums: what they are, and what is posted and said there. Only words; `seed_forums` makes them real through actions."""

from chatter.ops.demo_help import HELP
from chatter.ops.demo_posts import DAY, HOUR, A, B, C, D, DemoFlair, DemoForum, DemoPost, Said

ANNOUNCEMENTS = DemoForum(
    slug="announcements",
    name="Announcements",
    description="What is new here, and what is about to change. Only those who look after the site post; everybody may answer.",
    owner=D,
    moderators=(A,),
    members=(A, B, C),
    posting="moderators",
    rules=(("Answer what is announced", "For everything else there is General."),),
    flairs=(DemoFlair("News", 8), DemoFlair("Maintenance", 1), DemoFlair("Event", 4)),
    worn=(),
    posts=(
        DemoPost(
            9 * DAY,
            D,
            "Welcome to the forums",
            "Talk goes by; some things deserve to stay. **Forums** are for those: posts with votes, and comments that answer each "
            "other.\n\n- *General* is for anything\n- *Help* is for questions\n- you can make a forum of your own under "
            "**Browse**\n\nWhat is public here is read by everybody, also without an account.",
            flair="News",
            is_pinned=True,
            up=(A, B, C),
            comments=(
                Said(B, "Votes! At last I can be wrong in public, with numbers.", up=(A, C), replies=(
                    Said(C, "You were wrong in public before. It just was not counted.", up=(A, B, D), replies=(
                        Said(B, "Seventeen times, according to my notes.", up=(A,)),
                    )),
                )),
                Said(A, "Can a post be moved from one forum to another?", later=90, replies=(
                    Said(D, "Not moved, but you can cross-post it: the copy says where it is from.", up=(A, B)),
                )),
            ),
        ),
        DemoPost(
            5 * DAY,
            D,
            "The site sleeps on Sunday from 6 to 7",
            "A new disk comes in. Everything you send until 6:00 is kept; from 7:00 on all is as before.",
            flair="Maintenance",
            up=(B,),
            is_locked=True,
            comments=(Said(C, "Is that our 6:00 or the server's 6:00?", up=(B,), replies=(Said(D, "Ours.", up=(C,)),)),),
        ),
        DemoPost(
            DAY + 3 * HOUR,
            A,
            "Meetup at the library, Saturday at 14:00",
            "Second floor, the room with the big table. Charlie brings cake **without nuts**. Bring your own maps; scissors are there.",
            flair="Event",
            up=(B, C, D),
            comments=(
                Said(C, "Lemon or poppy seed? This is a binding vote.", up=(A, B), replies=(
                    Said(B, "Poppy seed.", up=(C,), down=(A,)),
                    Said(A, "Lemon!", up=(D,), down=(B,), replies=(
                        Said(C, "A tie. I shall bake both, and nobody learns anything.", up=(A, B, D)),
                    )),
                )),
            ),
        ),
    ),
)  # fmt: skip

GENERAL = DemoForum(
    slug="general",
    name="General",
    description="Anything worth a post: finds, questions, field reports, opinions about coastlines.",
    owner=A,
    moderators=(B,),
    members=(B, C, D),
    rules=(
        ("Show the source", "Where is it from? A link or a few words are enough."),
        ("Criticise maps, not people", ""),
        ("No generated tiles without a label", "If a machine drew it, say so in the title."),
    ),
    flairs=(
        DemoFlair("Field report", 4),
        DemoFlair("Find", 6),
        DemoFlair("Question", 8),
        DemoFlair("Opinion", 10),
        DemoFlair("Of the week", 1, only_moderators=True),
        DemoFlair("Surveyor", 4, of_people=True),
        DemoFlair("Baker", 1, of_people=True),
        DemoFlair("Keeper of benches", 7, of_people=True, only_moderators=True),
    ),
    worn=((A, "Surveyor"), (B, "Keeper of benches"), (C, "Baker")),
    posts=(
        DemoPost(
            8 * DAY,
            B,
            "I counted every bench in the park. There are 214, and 9 face a wall",
            "Three evenings, one clicker, no regrets.\n\n| where | benches | facing a wall |\n| --- | ---: | ---: |\n"
            "| lake | 88 | 0 |\n| rose garden | 61 | 2 |\n| car park | 65 | 7 |\n\nThe car park has more benches than the rose garden. "
            "Nobody I asked can say why.",
            flair="Field report",
            up=(A, C, D),
            comments=(
                Said(A, "The car park was a meadow until 1962; the benches are older than the cars.", up=(B, C, D), replies=(
                    Said(B, "This is the best thing I have heard all week. Do you have a map of it?", up=(A,), replies=(
                        Said(A, "Sheet 14 of the survey of 1958. I bring it on Saturday.", up=(B, C), replies=(
                            Said(C, "You two know that other people collect stamps?", up=(A, B, D)),
                        )),
                    )),
                )),
                Said(C, "Which wall? Asking for a friend who likes walls.", later=300, up=(B,)),
            ),
        ),
        DemoPost(
            7 * DAY,
            A,
            "OpenStreetMap has a layer for drinking water",
            "I had no idea. Half of ours are missing: who walks with me on Sunday?",
            flair="Find",
            url="https://www.openstreetmap.org/",
            up=(B, C),
            comments=(Said(B, "Me. I take the east side, it is flatter.", up=(A,)), Said(D, "Count me in for the hill.", later=200)),
        ),
        DemoPost(
            6 * DAY + 4 * HOUR,
            C,
            "Sourdough rises faster in rooms that face south. Change my mind",
            "Eleven loaves, two rooms, one thermometer. I know what I saw.",
            flair="Opinion",
            up=(A,),
            down=(B, D),
            comments=(
                Said(B, "Eleven loaves in two rooms is an anecdote with crust.", up=(A, D), replies=(
                    Said(C, "You ate four of the anecdotes.", up=(A, B, D)),
                )),
                Said(D, "Was it warmer in there?", later=60, up=(B,), replies=(
                    Said(C, "… by six degrees.", up=(B,), replies=(Said(A, "I think your mind just changed itself.", up=(B, D)),)),
                )),
            ),
        ),
        DemoPost(
            5 * DAY + 7 * HOUR,
            A,
            "Which projection for the wall map?",
            "It hangs over the big table for the next ten years, so choose well.",
            flair="Question",
            options=("Equal Earth", "Robinson", "Anything but Mercator", "Mercator, and I will explain myself"),
            ballots=((A, 0), (B, 0), (C, 3), (D, 2)),
            up=(B, C, D),
            comments=(
                Said(C, "I voted Mercator and I will explain myself: Greenland deserves a win.", up=(B,), down=(A,), replies=(
                    Said(A, "Greenland has had five hundred years of wins.", up=(B, D)),
                )),
            ),
        ),
        DemoPost(
            4 * DAY + 5 * HOUR,
            D,
            "Please stop mapping my letter box",
            "It has three entries now, one of them as a post office with opening hours.",
            up=(A, B, C),
            comments=(
                Said(B, "The opening hours were sunrise to sunset. I thought that was accurate.", up=(A, C), replies=(
                    Said(D, "Somebody came at sunrise.", up=(A, B, C)),
                )),
            ),
        ),
        DemoPost(
            3 * DAY + 9 * HOUR,
            A,
            "What the survey of 1958 looks like after a night under the lamp",
            flair="Field report",
            picture="A hand-drawn map in muted colours: fields in green, a lake in blue, contour lines in brown",
            up=(B, C, D),
            comments=(
                Said(C, "Why does the lake have a face?", up=(A, B), replies=(Said(A, "Damp. It has always had a face.", up=(C,)),)),
                Said(B, "I want this on a mug.", later=120, up=(A,)),
            ),
        ),
        DemoPost(
            3 * DAY,
            B,
            "The Mercator article is longer than the one about our city",
            flair="Find",
            url="https://en.wikipedia.org/wiki/Mercator_projection",
            up=(A,),
            comments=(Said(A, "Then let us write more about the city.", up=(B, D)),),
        ),
        DemoPost(
            2 * DAY + 6 * HOUR,
            C,
            "The end of the treasure hunt (spoiler)",
            "It was under the bench that faces the wall. **Of course** it was under the bench that faces the wall.",
            is_spoiler=True,
            up=(A, B),
            comments=(Said(B, "Number 7 of 9. I sat on it for an hour.", up=(A, C, D)),),
        ),
        DemoPost(
            DAY + 8 * HOUR,
            A,
            "We mapped every drinking fountain in the city. Here is what the data hides",
            "Six months, eleven volunteers, one spreadsheet that should never be shown to anyone. The surprise was not *where* the "
            "fountains are but **when** they work.\n\n1. 41 of 67 run all year\n2. 19 stop in October\n3. 7 run only when nobody looks\n\n"
            "> The July gap is maintenance, not drought.\n\nThe table is in the shared folder; the photographs follow.",
            flair="Field report",
            is_pinned=True,
            up=(B, C, D),
            comments=(
                Said(B, "The July gap is maintenance: the city publishes the work orders. I joined the two tables last night.", up=(A, C, D), replies=(
                    Said(A, "Good find. So 12 of the 19 are simply on the list for new pipes?", up=(B,), replies=(
                        Said(B, "13. One is on it twice, under two names.", up=(A, C), replies=(
                            Said(C, "Mind the ids, they were renumbered in 2023.", up=(A, B, D), replies=(
                                Said(B, "… 11.", up=(A, C, D)),
                            )),
                        )),
                    )),
                )),
                Said(C, "How do you tell that one runs only when nobody looks?", later=70, up=(B, D), replies=(
                    Said(A, "A wet stone, a dry tap, and a cat that knows more than it says.", up=(B, C, D)),
                )),
                Said(D, "Could this go onto the start page?", later=400, up=(A,)),
            ),
        ),
        DemoPost(
            20 * HOUR,
            D,
            "Poll: when does the library room open on Saturdays?",
            "I ask because the sign, the page and the person at the desk disagree.",
            options=("13:00", "13:30", "14:00"),
            ballots=((A, 2), (B, 1), (C, 2)),
            up=(B,),
        ),
        DemoPost(
            9 * HOUR,
            C,
            "Is there a word for a path that exists only because everybody walks there?",
            "The one across the corner of the lawn. It is on no map, and it is the busiest path of the park.",
            flair="Question",
            up=(A, B, D),
            comments=(
                Said(A, "*Desire path.* Planners who are clever wait a year, then pave them.", later=8, up=(B, C, D), replies=(
                    Said(C, "That is lovely. Ours is at least ten years old.", up=(A,)),
                )),
                Said(B, "I have counted it: 340 people on a dry Tuesday.", later=50, up=(A, C), replies=(
                    Said(D, "Bob, are you all right?", up=(A, C)),
                )),
            ),
        ),
        DemoPost(
            3 * HOUR,
            B,
            "Somebody moved a bench. It faces the lake now",
            "There are 8 left. I do not know how to feel about this.",
            flair="Field report",
            up=(A, C),
            comments=(Said(C, "A great day for the bench.", up=(A, B)), Said(A, "Update the table!", later=40, up=(C,))),
        ),
        DemoPost(40, A, "What are you reading this week?", "Mine: an atlas of islands where nobody has ever been.", up=(C,),
                 comments=(Said(C, "A book about yeast. It is slow at first, then it grows.", later=12, up=(A,)),)),
    ),
)  # fmt: skip

FORUMS = (ANNOUNCEMENTS, GENERAL, HELP)
