/** Tells the process that started this one something over their IPC channel, and resolves when it is sent. */
export function tell(report: object): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  process.send?.(report, () => {
    resolve(undefined);
  });
  return promise;
}
