"""Tells people what a run or a check found: by a webhook, Slack, or e-mail."""
