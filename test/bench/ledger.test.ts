import { expect, test } from "vitest";
import { Ledger } from "../../bench/soak/ledger.ts";

test("a span is lost, dropped after a 500, a duplicate, or none of these", () => {
  const ledger = new Ledger();
  ledger.accept(["arrived", "twice", "lost", "dropped", "refused once"]);
  ledger.refuseForGood(["dropped", "refused once"]);
  ledger.arrive(["arrived", "twice"]);
  ledger.arrive(["twice", "refused once"]);
  const account = { accepted: 5, lost: 1, droppedAfter500: 1, duplicates: 1 };
  expect(ledger.account()).toEqual(account);
  expect(ledger.settle()).toEqual(account);
  expect(ledger.account()).toEqual({ accepted: 0, lost: 0, droppedAfter500: 0, duplicates: 0 });
});
