"""The model's name and version in a path."""

import falcon

from serve.signature import Signature


def check_name(signature: Signature, name: str, version: str | None = None) -> None:
    """They are those of the one model that is served.

    Raises:
        falcon.HTTPNotFound: They are not.
    """
    if name != signature.name:
        raise falcon.HTTPNotFound(description=f"there is no model {name!r} here, but {signature.name!r}")
    if version not in (None, signature.version):
        raise falcon.HTTPNotFound(
            description=f"there is no version {version!r} of {name!r} here, but {signature.version!r}"
        )
