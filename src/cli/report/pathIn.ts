/** The path that an address names, "my data.csv" for `my%20data.csv?raw#top`; undefined for one with a scheme or a host. */
export function pathIn(address: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(address)) return undefined;
  const path = address.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
