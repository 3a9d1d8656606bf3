"""The built-in composer: instrumental music by genre, made to lie under a voice.

`moods` says which character a piece gets, `styles` what each character is made of, `harmony`
which chords, `form` where they lie in time, `parts` and `accompaniment` who plays what, `synth`
and `percussion` how it sounds, `space` the room and the master, `piece` puts them together and
`worker` answers the worker's requests.
"""
