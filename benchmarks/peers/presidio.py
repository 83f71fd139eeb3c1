"""Run Presidio over texts, in an environment of its own; called by text_deid.py.

Reads a JSON list of texts, writes {"spans": [[[start, end, type], ...], ...], "seconds": CPU}.
The environment needs presidio-analyzer and spacy; SPACY_MODEL names the folder of the model.
"""

import json
import os
import sys
import time

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

# Its e-mail rule would fetch a list of domains from the network at first use.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class Engine(SpacyNlpEngine):
    """Presidio's spaCy engine over the model that the comparison uses."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.load(os.environ["SPACY_MODEL"])}


def main() -> None:
    """Answer on standard output."""
    texts = json.load(sys.stdin)
    engine = AnalyzerEngine(nlp_engine=Engine(), supported_languages=["en"])
    engine.analyze("warm up", language="en")
    begin = time.process_time()
    spans = [
        [(r.start, r.end, r.entity_type) for r in engine.analyze(text, language="en")]
        for text in texts
    ]
    json.dump({"spans": spans, "seconds": time.process_time() - begin}, sys.stdout)


if __name__ == "__main__":
    main()
