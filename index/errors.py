"""Every error a user can meet, in one tree.

    JujubeError                     something a person can act on; the message says what to do
    ├── InputError                  what was given cannot be used
    │   ├── QuestionError           empty, too long, not text
    │   ├── ReadError               a file cannot be read as a document
    │   │   ├── UnsupportedFile     no reader for this kind of file
    │   │   ├── EmptyDocument       nothing to index in it
    │   │   ├── DamagedFile         truncated, broken, not what its name says
    │   │   ├── EncryptedFile       needs a password
    │   │   └── FileTooLarge        over the size limit, packed or unpacked
    │   ├── OutsidePath             leads outside the folder that was given
    │   ├── BadNames                a list of names that cannot be read, or rows of it
    │   └── Diverged                a training whose loss is no longer a number
    ├── NotFound                    no such document, passage, collection, job
    ├── ModelError                  a model cannot be used
    │   ├── UnknownModel            no model of that name
    │   ├── BrokenModel             a model folder without its weights, tokenizer or card
    │   ├── EmbedderMismatch        the collection was built with another embedder
    │   └── WorkerFailed            a process that runs a model ended or failed
    ├── StoreError                  the collection on disk cannot be used
    │   ├── StoreBusy               another process writes
    │   ├── StoreDamaged            the database fails its checks
    │   └── StorageFull             no room or no permission to write
    └── ServiceError                the server cannot take this now
        ├── Overloaded              all slots are taken
        └── PortTaken               the address is in use

Each class has a `code`: the machine-readable name that HTTP and `--json` output carry.
"""

from __future__ import annotations


class JujubeError(Exception):
    """Base of all errors that Jujube raises on purpose. `str(error)` is fit for a person to read."""

    code = "error"


class InputError(JujubeError):
    code = "invalid_input"


class QuestionError(InputError):
    code = "invalid_question"


class ReadError(InputError):
    code = "unreadable_document"


class UnsupportedFile(ReadError):
    code = "unsupported_file"


class EmptyDocument(ReadError):
    code = "empty_document"


class DamagedFile(ReadError):
    code = "damaged_file"


class EncryptedFile(ReadError):
    code = "encrypted_file"


class FileTooLarge(ReadError):
    code = "file_too_large"


class OutsidePath(InputError):
    code = "outside_path"


class BadNames(InputError):
    code = "bad_names"


class Diverged(InputError):
    code = "training_diverged"


class NotFound(JujubeError):
    code = "not_found"


class ModelError(JujubeError):
    code = "model_error"


class UnknownModel(ModelError):
    code = "unknown_model"


class BrokenModel(ModelError):
    code = "broken_model"


class EmbedderMismatch(ModelError):
    code = "embedder_mismatch"


class WorkerFailed(ModelError):
    code = "worker_failed"


class StoreError(JujubeError):
    code = "store_error"


class StoreBusy(StoreError):
    code = "store_busy"


class StoreDamaged(StoreError):
    code = "store_damaged"


class StorageFull(StoreError):
    code = "storage_full"


class ServiceError(JujubeError):
    code = "service_error"


class Overloaded(ServiceError):
    code = "overloaded"


class PortTaken(ServiceError):
    code = "port_taken"
