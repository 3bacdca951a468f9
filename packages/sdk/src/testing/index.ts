export { type FakeCredential, FakePortcullis, type FakePortcullisOptions } from "./fake-portcullis.ts";
