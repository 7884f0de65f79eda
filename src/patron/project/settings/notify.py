"""Who is told what a run or a check found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from patron.project.settings.base import OneOrMore, Settings

VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Webhook(Settings):
    """A digest as JSON, by POST."""

    url: VariableName = Field(
        "PATRON_WEBHOOK_URL", description="Name of the environment variable that holds the address; never the address."
    )


class Slack(Settings):
    """A digest in Slack's format, by an incoming webhook; Mattermost takes it, too."""

    url: VariableName = Field(
        "PATRON_SLACK_URL", description="Name of the environment variable that holds the address; never the address."
    )


class Email(Settings):
    """A digest by e-mail, through an SMTP server."""

    host: str = Field(description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    starttls: bool = Field(True, description="Whether the connection must be encrypted before anything is said.")
    sender: str = Field(description="The address that the message comes from.")
    to: OneOrMore = Field(description="The addresses that it goes to.", min_length=1)
    user: VariableName = Field(
        "PATRON_SMTP_USER", description="Name of the environment variable that holds the account; unset: no sign-in."
    )
    password: VariableName = Field(
        "PATRON_SMTP_PASSWORD", description="Name of the environment variable that holds the password."
    )


class Notify(Settings):
    """A digest after `patron run` and `patron check`: what landed, key figures, findings, failures; no values."""

    when: Literal["always", "changes", "problems"] = Field(
        "changes",
        description="problems: a run or check that failed, or found something. changes: also a run that brought "
        "something new. always: every one.",
    )
    webhook: Webhook | None = Field(None, description="An address that takes JSON.")
    slack: Slack | None = Field(None, description="An incoming webhook of Slack.")
    email: Email | None = Field(None, description="E-mail by SMTP.")
    timeout_seconds: float = Field(10, gt=0, le=120, description="How long to wait for each. Unit: seconds.")
