"""Recognition (识别): amounts, times, numbers, sites and names in free text, and the fraud type.

Pure: text and a moment go in, spans and suggestions come out; no Django, no clock, no network.
`recognise` is the door. It never corrects what was said and never decides what is true.
"""

from fanzha.intake.recognition.recognise import Recognition, recognise
from fanzha.intake.recognition.spans import KINDS, Span

__all__ = ["KINDS", "Recognition", "Span", "recognise"]
