"""The demo's forum for questions. Only words; `seed_forums` makes them real through actions."""

from chatter.ops.demo_posts import DAY, HOUR, A, B, C, D, DemoFlair, DemoForum, DemoPost, Said

HELP = DemoForum(
    slug="help",
    name="Help",
    description="Questions of every kind and size. Say what you tried; whoever knows, answers.",
    owner=B,
    moderators=(C,),
    members=(A, C, D),
    rules=(
        ("Say what you tried", "And what happened instead: words of an error are worth more than pictures of it."),
        ("No question is too small", ""),
        ("Mark it as solved", "So that the next one finds the answer."),
    ),
    flairs=(
        DemoFlair("Open", 8),
        DemoFlair("Solved", 4),
        DemoFlair("How to", 6),
        DemoFlair("Knows SQL", 9, of_people=True),
        DemoFlair("Asks a lot", 11, of_people=True),
    ),
    worn=((B, "Knows SQL"), (C, "Asks a lot")),
    posts=(
        DemoPost(
            8 * DAY + 5 * HOUR,
            B,
            "How to ask so that you get an answer",
            "1. What did you want?\n2. What did you do?\n3. What happened instead?\n\nPut code into fences:\n\n"
            "```sql\nselect count(*) from benches where faces = 'wall';\n```\n\nAnd say thank you; it is free.",
            flair="How to",
            is_pinned=True,
            up=(A, C, D),
            comments=(Said(C, "4. Did you turn it off and on again?", up=(A, B, D)),),
        ),
        DemoPost(
            6 * DAY,
            C,
            "My dates are all one day off",
            "Only in the export, and only those of summer. I tried the other time zone, now they are off the other way.",
            flair="Solved",
            up=(B,),
            comments=(
                Said(B, "They are stored without a zone, and read at midnight in two different ones. Keep moments as `timestamptz`, dates as "
                     "`date`, and never turn one into the other on the way out.", up=(A, C, D), replies=(
                    Said(C, "That was it. Eleven characters in one place. Thank you!", up=(B,)),
                )),
                Said(A, "Every spring somebody asks this, and every spring it is me.", later=240, up=(B, C)),
            ),
        ),
        DemoPost(
            5 * DAY,
            A,
            "How do I get ink out of a map that is not mine?",
            "It is one drop, it is in the sea, and it looks like an island. Nobody has noticed so far.",
            flair="Open",
            up=(B, C, D),
            comments=(
                Said(C, "Name the island.", up=(A, B, D), replies=(Said(B, "Claim it.", up=(A, C)),)),
                Said(D, "A museum person told me: do nothing, breathe, call a museum person.", later=90, up=(A, B)),
            ),
        ),
        DemoPost(
            4 * DAY,
            D,
            "Which index for a search in the middle of a word?",
            "`like '%bench%'` takes four seconds on two million rows.",
            flair="Solved",
            up=(B, C),
            comments=(
                Said(B, "Trigrams:\n\n```sql\ncreate extension pg_trgm;\ncreate index on places using gin (name gin_trgm_ops);\n```\n\n"
                     "Words of three letters or more then take milliseconds.", up=(A, C, D), replies=(
                    Said(D, "4.1 s → 6 ms. I am going to frame this.", up=(B,)),
                )),
            ),
        ),
        DemoPost(
            3 * DAY + 2 * HOUR,
            D,
            "The chapter on indexes everybody sends me",
            flair="How to",
            url="https://www.postgresql.org/docs/current/indexes.html",
            up=(B,),
        ),
        DemoPost(
            2 * DAY,
            C,
            "Flatten a list of lists without a loop?",
            "Python. I have `[[1, 2], [3], []]` and want `[1, 2, 3]`.",
            flair="Solved",
            up=(A,),
            comments=(
                Said(B, "`list(chain.from_iterable(nested))`, with `chain` from `itertools`.", up=(A, C, D)),
                Said(A, "`sum(nested, [])` also works, and is also slow. Forget that I said it.", later=15, up=(C,), down=(B,)),
            ),
        ),
        DemoPost(
            DAY + 2 * HOUR,
            A,
            "What do you use to draw contour lines by hand?",
            flair="Open",
            options=("A dip pen", "A fineliner", "A tablet", "I make Charlie do it"),
            ballots=((B, 1), (C, 0), (D, 3)),
            up=(C,),
            comments=(Said(C, "I object to the fourth option, and I note that it is winning my heart.", up=(A, B)),),
        ),
        DemoPost(
            11 * HOUR,
            C,
            "The oven says E4. What does the oven want?",
            "It has never spoken before. The manual is in a language that I do not read.",
            flair="Open",
            up=(B,),
            comments=(
                Said(B, "E4 is the door on most of them: it thinks it is open.", later=6, up=(A, C), replies=(
                    Said(C, "The door was open. The cake is saved. I am hiding under the table.", later=4, up=(A, B, D)),
                )),
            ),
        ),
        DemoPost(
            2 * HOUR,
            A,
            "Can I be told only of answers, not of every new comment?",
            "I follow three posts here, and my bell rings all day.",
            flair="Solved",
            comments=(
                Said(D, "Yes: settings, notifications. Answers and what you follow are two lines there.", later=18, up=(A, B)),
            ),
        ),
    ),
)  # fmt: skip
