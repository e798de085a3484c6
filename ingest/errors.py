"""Every error that a user can meet, as one tree.

OnRecordError
├─ SettingsError         an unknown key or environment variable, or a bad value
├─ ArticleError          an article that cannot be taken in: names the file, and the batch goes on
├─ ArchiveError          the archive, or the kept conversations, are locked by another process, damaged, or from a newer release
├─ IndexMissing          nothing has been ingested yet
├─ IndexStale            the index was made under other settings than today's
├─ ModelUnavailable      weights or an endpoint that cannot be used
├─ ArticleNotFound       an id that no article has
├─ CitationNotFound      an address of which some part is unknown
├─ ConversationNotFound  a conversation, or a turn of it, that is not kept
├─ DatasetError          a bad line of an evaluation set or a manifest: file, line, field; or a file that is no export
│  ├─ SampleContradiction   a sample whose labels cannot both be right
│  └─ OtherRun              a folder that holds the run of something else
├─ RequestError          a question, a text or a limit that cannot be taken as it is
│  ├─ TooLarge               more than is taken at once
│  └─ TooMany                others wait already
└─ ServerError           the chat cannot be served where or as it was asked to

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
    """The archive, or the file of kept conversations, is locked, damaged, or written by a newer release."""


class IndexMissing(OnRecordError):
    """There is no index: nothing has been ingested into this home."""


class IndexStale(OnRecordError):
    """The index was made under other settings; the message names them."""


class ModelUnavailable(OnRecordError):
    """Weights that are missing or that differ from their checksum, or an endpoint that does not answer."""


class ArticleNotFound(OnRecordError):
    """There is no article with this id."""


class CitationNotFound(OnRecordError):
    """The address is malformed, or its article, version, field or offsets are unknown."""


class ConversationNotFound(OnRecordError):
    """No conversation has this id, or it has no such turn."""


class DatasetError(OnRecordError):
    """A line of an evaluation set or a manifest, or an export of a conversation, that cannot be used."""


class SampleContradiction(DatasetError):
    """A sample that is labelled unanswerable and has evidence."""


class OtherRun(DatasetError):
    """A folder that holds an evaluation of other questions, articles, settings or another release."""


class RequestError(OnRecordError):
    """What a program or a person asks for is empty, too long, out of range, or one too many at a time."""


class TooLarge(RequestError):
    """It is of a kind that is taken, but too long."""


class TooMany(RequestError):
    """It could be taken later: too many wait, or are under way."""


class ServerError(OnRecordError):
    """The chat cannot listen where it was asked to, or could not be reached safely there."""
