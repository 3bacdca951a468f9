import type { FakeServices } from "./fake-services.ts";

/** The API key that tests call with. */
export const testApiKey = "pcak_0TestKeyThatIsNeverShown";

/** The environment of somebody who uses these services. */
export function environmentFor(services: FakeServices): Record<string, string> {
  return {
    PORTCULLIS_API_KEY: testApiKey,
    PORTCULLIS_IDENTITY_URL: services.url,
    PORTCULLIS_AUTHORIZATION_URL: services.url,
    PORTCULLIS_CREDENTIAL_URL: services.url,
    PORTCULLIS_CONFIG: "/nonexistent/config.json",
  };
}
