/**
 * Loaded before each program that the bench starts: answers how much processor time it took and how much memory it
 * holds, and ends with the bench.
 */
process.on("message", (message) => {
  if (message === "memory") process.send?.(process.memoryUsage.rss());
  if (message !== "cpu") return;
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on("disconnect", () => process.exit());
