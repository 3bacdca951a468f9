import { z } from "zod";

const httpUrl = z.string().refine(isHttpUrl, {
  message: "must be a URL that begins with http:// or https://, without a user name or password",
});
const apiKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, { message: "must be one word, as it was shown when it was made" });

/** What a profile can hold. Unknown fields are refused, for they are misspelt ones. */
const profileSchema = z.strictObject({
  apiKey: apiKey.exactOptional(),
  /** Of the gateway, which answers for all services that have none of their own here. */
  url: httpUrl.exactOptional(),
  identityUrl: httpUrl.exactOptional(),
  authorizationUrl: httpUrl.exactOptional(),
  credentialUrl: httpUrl.exactOptional(),
  account: z.string().min(1, { message: "must not be empty" }).max(64).exactOptional(),
});

/** The configuration file. */
export const configFileSchema = z.strictObject({
  profiles: z.record(
    z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, {
      message: "must be named with letters, digits, _ . and -, beginning with a letter or digit",
    }),
    profileSchema,
  ),
});

/** The environment variables that are read beside PORTCULLIS_CONFIG and PORTCULLIS_PROFILE. */
export const environmentSchema = z.object({
  PORTCULLIS_API_KEY: apiKey.exactOptional(),
  PORTCULLIS_URL: httpUrl.exactOptional(),
  PORTCULLIS_IDENTITY_URL: httpUrl.exactOptional(),
  PORTCULLIS_AUTHORIZATION_URL: httpUrl.exactOptional(),
  PORTCULLIS_CREDENTIAL_URL: httpUrl.exactOptional(),
});

/** One installation and account, and how to prove oneself there. */
export type Profile = z.infer<typeof profileSchema>;
/** All profiles, by name. */
export type ConfigFile = z.infer<typeof configFileSchema>;

/** What is wrong, field by field. Values are not repeated: they may be secrets. */
export function problemsOf(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const path = issue.path.join(".");
      const text = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
      return path === "" ? text : `${path}: ${text}`;
    })
    .join("; ");
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}
