from __future__ import annotations

from django.urls import path

from qingyuan.web.pages.accounts import door, users

app_name = "accounts"
urlpatterns = [
    path("sign-in/", door.SignIn.as_view(), name="sign_in"),
    path("sign-out/", door.SignOut.as_view(), name="sign_out"),
    path("password/", door.password, name="password"),
    path("settings/users/", users.users, name="users"),
    path("settings/users/new/", users.new_user, name="user_new"),
    path("settings/users/<int:pk>/", users.user, name="user"),
    path("settings/users/<int:pk>/active/", users.activate, name="user_active"),
    path("settings/users/<int:pk>/password/", users.new_password, name="user_password"),
    path("settings/hand-over/", users.hand_over, name="hand_over"),
    path("settings/tokens/", users.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", users.revoke, name="token_revoke"),
]
