import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Settings, Store } from "../server/db/database.ts";
import { openStore } from "../server/db/open.ts";

/** Where a store of one test lives, and how to remove it once it is closed. */
export type Place = { readonly settings: Settings; remove(): Promise<void> };

/** An engine that tests run on. */
export type Engine = {
  readonly name: string;
  /** A fresh, migrated, empty store; closing it removes it. */
  open(): Promise<Store>;
  /** A fresh place for tests that open stores themselves: migrated, or without any table. */
  place(migrated: boolean): Promise<Place>;
};

/** The engines that every test which touches data runs on; FLOTILLA_TEST_ENGINES (names, commas) narrows them. */
export const engines: readonly Engine[] = [engine("sqlite", folder), engine("postgres", database)].filter(
  ({ name }) => {
    const wanted = process.env.FLOTILLA_TEST_ENGINES;
    return !wanted || wanted.split(",").includes(name);
  },
);

function engine(name: string, place: Engine["place"]): Engine {
  return {
    name,
    place,
    async open() {
      const { settings, remove } = await place(true);
      const store = await openStore(settings, { durable: false });
      return removedWhenClosed(store, remove);
    },
  };
}

async function folder(migrated: boolean): Promise<Place> {
  const path = mkdtempSync(join(tmpdir(), "flotilla-store-"));
  if (migrated) cpSync(setUp("FLOTILLA_TEST_FOLDER"), path, { recursive: true });
  return { settings: { folder: path }, remove: async () => rmSync(path, { recursive: true, force: true }) };
}

async function database(migrated: boolean): Promise<Place> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(`create database ${name} template ${migrated ? "migrated" : "template0"}`);
  return {
    settings: { url: `${setUp("FLOTILLA_TEST_SERVER")}/${name}` },
    remove: () => administer(`drop database ${name} with (force)`),
  };
}

async function administer(statement: string): Promise<void> {
  const server = setUp("FLOTILLA_TEST_SERVER");
  const host = decodeURIComponent(server.slice(server.indexOf("@") + 1));
  const admin = postgres(`${server}/postgres`, { host, max: 1, onnotice: () => {} });
  await admin.unsafe(statement);
  await admin.end();
}

function removedWhenClosed(store: Store, remove: () => Promise<void>): Store {
  return {
    ...store,
    async close() {
      await store.close();
      await remove();
    },
  };
}

function setUp(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run with --test-global-setup=test/global.ts`);
  return value;
}
