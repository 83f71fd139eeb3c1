"""The study files that `init` and `demo` write."""

NEW_STUDY = """\
study  = "my-study"
seed   = 20261122
corpus = "corpus"                  # made by `mindveil import`, or by hand (docs/bring-your-data.md)
out    = "runs/my-study"

[split]                            # by person
folds = 5                          # per fold: 3/5 released, 1/5 reference, 1/5 held out; rotated

# The undefended "original" is always measured. Each [[release]] is what would leave the building.
# Where voice or face was recorded, add { use = "voice/anonymise", level = 1 } and the like.
[[release]]
name  = "redacted"
steps = [{ use = "text/anonymise", level = 1 }, { use = "scales/anonymise", level = 1 }]

[[release]]
name  = "anonymised"
steps = [{ use = "text/anonymise", level = 2 }, { use = "scales/anonymise", level = 2, k = 5 }]

[attack]
use       = ["all"]
attackers = ["ignorant", "lazy-informed", "semi-informed"]
lineup    = 100                    # candidates an attacker chooses from

[utility]
use    = ["detect/phq9>=10", "severity/phq9"]
margin = 0.05                      # how much AUROC (or CCC) may be lost

[policy]
context     = "open"               # open | registered | controlled | internal; each has its limits
# max_match = 0.09                 # a limit set here holds for every kind of access
min_utility = { "detect/phq9>=10" = { auroc = 0.80 } }
"""

DEMO_STUDY = """\
# The demonstration: 150 people who do not exist, interviewed two or three times; of 40 of them
# the voice and the face were recorded at the last two visits.
study  = "sample-cohort"
seed   = 20261122
corpus = "corpus"
out    = "run"

[[release]]
name  = "redacted"
steps = [
  { use = "text/anonymise", level = 1 },
  { use = "voice/anonymise", level = 1 },
  { use = "face/anonymise", level = 1 },
  { use = "scales/anonymise", level = 1 },
]

[[release]]
name  = "anonymised"
steps = [
  { use = "text/anonymise", level = 2 },
  { use = "voice/anonymise", level = 2 },
  { use = "face/anonymise", level = 2 },
  { use = "scales/anonymise", level = 2, k = 5 },
]

[attack]
use = ["all"]

[utility]
use = [
  "detect/phq9>=10", "detect/gad7>=10", "severity/phq9", "retention/voice", "retention/face",
  "identity/phq9>=10", "interviewer/phq9>=10",
]

[policy]
context     = "open"
min_utility = { "detect/phq9>=10" = { auroc = 0.75 } }
"""
