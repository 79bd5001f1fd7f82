"""Recognisers and allow lists of the user's own, from a YAML file beside the policy.

    recognisers:
      - entity: STAFF_NUMBER            what is found; a new name, or one of the catalogue
        describes: numbers of our staff optional, words for the reader of a report
        pattern: '\\bS-[0-9]{6}\\b'       a regular expression in the syntax of Python's `re`; a group named `value` is
                                        the finding, if there is one
        score: 0.5                      of a match without a checksum and without a telling word, 0 to 1
        checksum: luhn                  optional, by name: a match with wrong check digits is no finding
        context: [badge, staff]         optional: words that raise the score where they stand near a match
        needs_context: true             optional: a match without such a word is no finding
        ignore_case: true               optional
        languages: [en]                 optional: of the texts that are searched; all where it is absent
        examples: ['S-104233']          made-up values that the pattern matches: planted to measure the recall
      - entity: PROJECT
        words: [blue heron, red kite]   instead of a pattern: words that are always a finding, whatever their case
    allow:
      - words: [hotline@example.com]    a finding wholly inside an allowed word or match is none
        entities: [EMAIL_ADDRESS]       optional: of these kinds only
      - pattern: 'S-0{6}'
    tests:                              run by `audit policy test`
      - text: 'badge S-104233'
        finds: [STAFF_NUMBER]           all kinds that are found, and no other; `[]` for none

The file goes into every bundle as it is, so it must hold nobody's data: examples are made up, and lists name things.
"""

from audit.pii.custom.reader import read
from audit.pii.custom.rules import Allowed, Custom, Listed
from audit.pii.custom.trials import test

__all__ = ["Allowed", "Custom", "Listed", "read", "test"]
