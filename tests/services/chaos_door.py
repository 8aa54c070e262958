"""The toy source's web process: the product's own app (/events, /snapshot, …) and one door that changes and tells."""

from flask import Blueprint, Flask, Response, current_app, json

from common import log
from common.web.access import anyone
from common.web.app import create_app
from tests.services import chaos_toys as toys


def door() -> Blueprint:
    """`POST /stones`: cut a stone, within the request."""
    stones = Blueprint("stones", __name__)

    def cut_stone() -> Response:
        stone = current_app.extensions["database"].transact(lambda session: toys.cut(session, "a web request"))
        return Response(json.dumps({"stone": stone}), content_type="application/json")

    cut_stone.access = anyone  # type: ignore[attr-defined]
    stones.add_url_rule("/stones", view_func=cut_stone, methods=["POST"])
    return stones


def app() -> Flask:
    """For gunicorn."""
    log.start(toys.SOURCE)
    made = create_app(toys.service(toys.SOURCE), toys.settings(toys.SOURCE))
    made.register_blueprint(door())
    return made
