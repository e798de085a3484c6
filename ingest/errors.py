"""Every error that a user can meet, as one tree.

OnRecordError
├─ SettingsError         an unknown key or environment variable, or a bad value
├─ ArticleError          an article that cannot be taken in: names the file, and the batch goes on
├─ ArchiveError          the archive is locked by another process, damaged, or from a newer release
├─ IndexMissing          nothing has been ingested yet
├─ IndexStale            the index was made under other settings than today's
├─ ModelUnavailable      weights or an endpoint that cannot be used
├─ CitationNotFound      an address of which some part is unknown
├─ DatasetError          a bad line of an evaluation set or a manifest: file, line, field
│  ├─ SampleContradiction   a sample whose labels cannot both be right
│  └─ OtherRun              a folder that holds the run of something else
└─ ServerError           the chat cannot be served where it was asked to

The message of each ends in the remedy. The command line prints it without a traceback and exits 1; any other exception is
a bug and shows one.
"""


class OnRecordError(Exception):
    """The root: catch it to catch all that a user can mend."""


class SettingsError(OnRecordError):
    """An unknown setting, or a value that it cannot take."""


class ArticleError(OnRecordError):
    """An article that is unreadable, empty, too large or of a type that is not read."""


class ArchiveError(OnRecordError):
    """The archive is locked by another process, damaged, or written by a newer release."""


class IndexMissing(OnRecordError):
    """There is no index: nothing has been ingested into this home."""


class IndexStale(OnRecordError):
    """The index was made under other settings; the message names them."""


class ModelUnavailable(OnRecordError):
    """Weights that are missing or that differ from their checksum, or an endpoint that does not answer."""


class CitationNotFound(OnRecordError):
    """The address is malformed, or its article, version, field or offsets are unknown."""


class DatasetError(OnRecordError):
    """A line of an evaluation set or a manifest that cannot be used."""


class SampleContradiction(DatasetError):
    """A sample that is labelled unanswerable and has evidence."""


class OtherRun(DatasetError):
    """A folder that holds an evaluation of other questions, articles, settings or another release."""


class ServerError(OnRecordError):
    """The chat cannot listen on the port that was asked for."""
