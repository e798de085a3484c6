"""Sentence and evidence in, verdict out: nothing is shown as grounded that has not been through here."""
