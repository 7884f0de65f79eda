"""Sign-in: none on the owner's machine, otherwise by password or through an identity provider."""

from __future__ import annotations

import math

import streamlit as st

from patron.project.project import Project
from patron.serve.dashboard.sign_in.access import OWNER, User, check_address, get_users_file
from patron.serve.dashboard.sign_in.throttle import Throttle
from patron.serve.dashboard.sign_in.users import BusyError, Users

_USER = "user"


def require_user(project: Project) -> User | None:
    """Return the signed-in user, or draw the sign-in form and return None.

    Raises SettingsError if other machines could reach the dashboard without signing in.
    """
    check_address(project, st.get_option("server.address") or "0.0.0.0")
    match project.settings.dashboard.sign_in:
        case "none":
            return OWNER
        case "password":
            return _require_password(project)
    return _require_oidc(project)


def draw_sign_out_button(user: User) -> None:
    """Draw the button that ends the session; nothing if sign-in is turned off."""
    if user.name and st.sidebar.button("Sign out", icon=":material/logout:", help="End this session"):
        st.session_state.clear()
        if st.user.get("is_logged_in"):
            st.logout()
        st.rerun()


_THROTTLE = Throttle()
"""Of this server. Not in a cache of Streamlit's, which can be cleared."""


def _require_password(project: Project) -> User | None:
    users = Users(get_users_file(project))
    name, seal = st.session_state.get(_USER, ("", ""))
    user = users.find_password_user(name) if name else None
    if user is not None and seal == users.seal(name):
        return user
    st.session_state.pop(_USER, None)  # the user is gone, or has another password since
    _, middle, _ = st.columns([1, 2, 1])
    with middle, st.form("sign_in"):
        st.subheader("Sign in")
        given = st.text_input("Username", autocomplete="username")
        password = st.text_input("Password", type="password", autocomplete="current-password")
        if st.form_submit_button("Sign in", type="primary"):
            _try_password(users, given.strip(), password)
        if not len(users):
            st.info("No users yet. The owner of the dashboard adds users with `patron dashboard-user NAME`.")
    return None


def _try_password(users: Users, name: str, password: str) -> None:
    throttle = _THROTTLE
    if wait := math.ceil(throttle.wait(name)):
        st.error(f"Too many failed attempts. Try again in {wait} seconds.")
        return
    throttle.record_failure(name)  # before checking, so that simultaneous attempts all count
    try:
        user = users.authenticate_password(name, password)
    except BusyError:
        st.error("Many people are signing in. Try again in a moment.")
        return
    if user is None:
        st.error("Wrong username or password.")
        return
    throttle.record_success(name)
    st.session_state[_USER] = user.name, users.seal(user.name)
    st.rerun()


def _require_oidc(project: Project) -> User | None:
    if not st.user.get("is_logged_in"):
        st.subheader("Sign in")
        if st.button("Sign in with your organisation's account", type="primary"):
            st.login()
        return None
    email = str(st.user.get("email") or "")
    is_verified = str(st.user.get("email_verified", True)).lower() == "true"  # some providers write it as text
    user = Users(get_users_file(project)).authenticate_oidc(email) if email and is_verified else None
    if user is None:
        st.error("Your account has no access. Ask the owner of the dashboard to add it.")
        st.button("Sign out", on_click=st.logout)
    return user
