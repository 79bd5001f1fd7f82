"""What the check `evasion` is made of: how rows are shown to attacks, the attacks that fit a model, what they did.

`unit_box` shows rows as numbers (`frame_box` those of tables), `model_inside` reads what proofs rest on, `ensemble`
runs the attacks, `report` counts, `doubts` says what may flatter, and the other files each write one kind of evidence.
`texts` and `regression` are the same for models that read text and models that answer numbers.
"""
