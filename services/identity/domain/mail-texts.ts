/** A mail without links. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

export function verifyEmailText(link: string): MailText {
  return {
    subject: "Verify your e-mail address",
    text: `Somebody has signed up to Portcullis with this address. If it was you, open this link within 24 hours:

${link}

If it was not you, do nothing: without the link nobody can sign in with your address.
`,
  };
}

export function resetPasswordText(link: string): MailText {
  return {
    subject: "Set a new password",
    text: `Somebody has asked for a new password for this address. If it was you, open this link within an hour:

${link}

If it was not you, do nothing: your password stays as it is.
`,
  };
}

export function alreadyRegisteredText(publicUrl: string): MailText {
  return {
    subject: "You have signed up already",
    text: `Somebody has signed up to Portcullis with this address, which has a user already. If it was you, sign in,
or ask for a new password, at ${publicUrl}

If it was not you, do nothing: nothing has changed.
`,
  };
}

export const passwordChangedText: MailText = {
  subject: "Your password was changed",
  text: `The password of your Portcullis user was changed, and all other sign-ins have been ended.

If it was not you, ask for a new password at once.
`,
};

export const secondFactorDisabledText: MailText = {
  subject: "Your second factor was disabled",
  text: `Signing in to your Portcullis user takes no code of an authenticator app any more.

If it was not you, change your password at once.
`,
};

export function invitationText(link: string, accountName: string): MailText {
  // A name is what somebody else has typed: in one line, and not in the subject.
  const name = accountName.replaceAll(/\s+/g, " ");
  return {
    subject: "You are invited to an account",
    text: `You are invited to join the Portcullis account "${name}". To accept, open this link within 24 hours:

${link}

If you don't know what this is about, do nothing.
`,
  };
}

export function changeEmailText(link: string): MailText {
  return {
    subject: "Confirm your new e-mail address",
    text: `Somebody wants to use this address for their Portcullis user. If it was you, open this link within 24 hours:

${link}

If it was not you, do nothing: without the link nothing changes.
`,
  };
}

export const addressTakenText: MailText = {
  subject: "This address is in use already",
  text: `Somebody wants to use this address for their Portcullis user, but another user has it already. If it was you,
delete that user first, or choose another address.

If it was not you, do nothing: nothing has changed.
`,
};

export const emailChangeRequestedText: MailText = {
  subject: "Your e-mail address is to be changed",
  text: `Your Portcullis user is to have another e-mail address, as soon as that one is confirmed.

If it was not you, change your password at once: that stops it.
`,
};

export const emailChangedText: MailText = {
  subject: "Your e-mail address was changed",
  text: `Your Portcullis user has another e-mail address now; this one is not used any more.

If it was not you, tell the administrator of your account at once.
`,
};
