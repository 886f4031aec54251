"""Alerts by e-mail: one message over SMTP, encrypted unless the server is this machine's. Blocking."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final

from alphapulse_resources.alert_places import Mail
from alphapulse_resources.webhook import Verdict

SUBJECT_CHARACTERS: Final = 150
"""Of a subject (ours)."""


def send(mail: Mail, payload: Mapping[str, Any], text: str, seconds: float) -> Verdict:
    """Send an alert; what became of it. Never raises; `seconds` bound each wait for the server."""
    try:
        with _connected(mail, seconds) as server:
            if mail.user is not None:
                server.login(mail.user, mail.password.get_secret_value() if mail.password else "")
            refused = server.send_message(message(mail, payload, text))
    except smtplib.SMTPAuthenticationError as error:
        return Verdict(f"the mail server refused the log-in ({error.smtp_code})")
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        return Verdict(
            f"the mail server takes no mail for any of these addresses ({codes})", again=codes[0] < 500
        )
    except smtplib.SMTPResponseException as error:
        again = error.smtp_code < 500  # 4xx: not now (RFC 5321, 4.2.1)
        return Verdict(f"the mail server answered {error.smtp_code}", again=again)
    except smtplib.SMTPNotSupportedError:
        return Verdict("the mail server does not know STARTTLS or the log-in: see the sink's security")
    except ssl.SSLError as error:
        return Verdict(f"the mail server could not be trusted ({error.reason})")
    except (OSError, smtplib.SMTPException) as error:
        return Verdict(f"the mail server could not be reached ({type(error).__name__})", again=True)
    if refused:
        return Verdict(None, answer=f"taken, but not for {len(refused)} of {len(mail.to)} addresses")
    return Verdict(None, answer=f"taken for {len(mail.to)} addresses")


def message(mail: Mail, payload: Mapping[str, Any], text: str) -> EmailMessage:
    """The mail: its subject is the alert's title, in one line."""
    found = EmailMessage()
    severity = "resolved" if payload.get("resolved") else payload.get("severity", "info")
    subject = " ".join(f"AlphaPulse, {severity}: {payload.get('title', '')}".split())
    found["Subject"] = "".join(each for each in subject if each.isprintable())[:SUBJECT_CHARACTERS]
    found["From"], found["To"] = mail.sender, ", ".join(mail.to)
    found["Date"], found["Message-ID"] = formatdate(localtime=False), make_msgid(domain="alphapulse.invalid")
    found["Auto-Submitted"] = "auto-generated"  # nobody's absence is answered to it (RFC 3834)
    found.set_content(text)
    return found


def _connected(mail: Mail, seconds: float) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if mail.security == "ssl":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=seconds, context=trust)
    server = smtplib.SMTP(mail.host, mail.port, timeout=seconds)
    if mail.security == "starttls":
        try:
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
    return server
