/** Made at build time from test/extension/*.suite.ts: the file's name, and what loads it. */
declare module "dnb:suites" {
  const suites: Readonly<Record<string, () => unknown>>;
  export default suites;
}
