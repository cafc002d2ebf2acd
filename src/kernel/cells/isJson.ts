/** Larger values are shown as text only. */
const MOST_NODES = 100_000;
const MOST_CHARACTERS = 2_000_000;
const DEEPEST = 200;

/** True for plain objects and arrays that JSON gives back exactly as they were. */
export function isJson(value: unknown): boolean {
  let nodes = 0;
  let characters = 0;
  const check = (item: unknown, depth: number): boolean => {
    if (++nodes > MOST_NODES || depth > DEEPEST) return false;
    switch (typeof item) {
      case "string":
        return (characters += item.length) <= MOST_CHARACTERS;
      case "boolean":
        return true;
      case "number":
        return Number.isFinite(item);
      case "object":
        break;
      default:
        return false;
    }
    if (item === null) return true;
    if (Array.isArray(item)) {
      for (let index = 0; index < item.length; index++)
        if (!(index in item) || !check(item[index], depth + 1)) return false;
      return true;
    }
    const prototype: unknown = Object.getPrototypeOf(item);
    if (prototype !== Object.prototype && prototype !== null) return false;
    if (Object.getOwnPropertySymbols(item).length) return false;
    const keys = Object.keys(item);
    if (nodes + keys.length > MOST_NODES || Object.getOwnPropertyNames(item).length > keys.length)
      return false;
    return keys.every((key) => {
      const member = Object.getOwnPropertyDescriptor(item, key);
      // Without a value: a getter, which must not be called.
      return !!member && "value" in member && check(member.value, depth + 1);
    });
  };
  try {
    return check(value, 0) && !("toJSON" in (value as object));
  } catch {
    // A proxy that objects.
    return false;
  }
}
