"""What a query string asks for."""

import falcon.asgi


def asked(req: falcon.asgi.Request, name: str) -> bool:
    """Whether a parameter is true; false where it is absent.

    Raises:
        falcon.HTTPInvalidParam: It is neither `true` nor `false`.
    """
    return bool(req.query_string) and bool(req.get_param_as_bool(name))
