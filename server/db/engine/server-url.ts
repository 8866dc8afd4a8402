/** What the URL of a database server looks like, for whoever reads one from people. */
export const serverUrl = {
  expected: "a URL that begins with postgres:// or postgresql://",
  pattern: /^postgres(ql)?:\/\/.+/,
} as const;
