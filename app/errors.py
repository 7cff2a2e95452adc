"""Every error that Docent raises on purpose.

One branch for each way in which a caller reacts:

DocentError
├── UsageError               change the command, the question or a setting (exit status 2)
│   ├── ConfigurationError   a setting names something that does not exist or cannot work
│   ├── NotFoundError        a path, a collection or a conversation is not there
│   ├── QuestionError        a question is empty or too long
│   ├── MentionError         a question names a file that is not there, or a name that several have
│   ├── MissingExtraError    an optional package is not installed; the message names it
│   └── ImportFileError      a file holds no conversations that can be imported
├── DocumentError            one file cannot be read; the others go on (exit status 1)
├── CollectionError          an index needs something done first; the message names the command
│   ├── CollectionBusyError      another process is writing
│   ├── EmbeddingMismatchError   the index holds vectors of another model
│   └── CollectionDamagedError   a file of the index is broken; a rebuild mends it
├── TableBusyError           another process is filling the table
├── StoppingError            this server is about to end; it, or another one, takes the question in a moment
├── StorageError             the disk, here or of a server, is full or may not be written
├── BackendError             a server that holds an index or the catalogue did not do what it was asked
│   ├── BackendUnavailableError  unreachable, too slow, dropped, busy or failing: it may pass
│   └── BackendRefusedError      refuses the key or the request, or is of another version
├── TypedAnswerError         no object of the wanted schema came out
└── ModelError               the language model did not answer; `retryable` says whether to try again
    ├── ModelAuthError           wrong or missing key
    ├── ModelRateLimitError      too many requests, or no credit left
    ├── ModelUnavailableError    unreachable, too slow, dropped, or failing
    └── ModelRejectedError       the server refuses this request (unknown model, too long, bad parameter)

A message names the thing, its value and the cure. `code` and `values` let a user interface say the
same in another language; `str(error)` is the English sentence.
"""

from __future__ import annotations

from typing import ClassVar


class DocentError(Exception):
    """Base of all errors that are meant for people.

    Args:
        message: an English sentence that names the thing, the value and the cure.
        values: what a translated message needs to name the same things.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.values = values


class UsageError(DocentError):
    exit_code = 2
    code = "usage"


class ConfigurationError(UsageError):
    code = "configuration"


class NotFoundError(UsageError):
    code = "not_found"


class QuestionError(UsageError):
    code = "question"


class MentionError(UsageError):
    code = "mention"


class MissingExtraError(UsageError):
    code = "missing_extra"


class ImportFileError(UsageError):
    code = "import_file"


class DocumentError(DocentError):
    code = "document"


class CollectionError(DocentError):
    exit_code = 2
    code = "collection"


class CollectionBusyError(CollectionError):
    code = "collection_busy"


class EmbeddingMismatchError(CollectionError):
    code = "embedding_mismatch"


class CollectionDamagedError(CollectionError):
    code = "collection_damaged"


class TableBusyError(DocentError):
    exit_code = 2
    code = "table_busy"


class StoppingError(DocentError):
    code = "stopping"


class StorageError(DocentError):
    code = "storage"


class BackendError(DocentError):
    code = "backend"


class BackendUnavailableError(BackendError):
    code = "backend_unavailable"


class BackendRefusedError(BackendError):
    exit_code = 2
    code = "backend_refused"


class TypedAnswerError(DocentError):
    code = "typed_answer"


class ModelError(DocentError):
    code = "model"
    retryable: ClassVar[bool] = False


class ModelAuthError(ModelError):
    exit_code = 2
    code = "model_auth"


class ModelRateLimitError(ModelError):
    code = "model_rate_limit"
    retryable = True


class ModelUnavailableError(ModelError):
    code = "model_unavailable"
    retryable = True


class ModelRejectedError(ModelError):
    code = "model_rejected"
