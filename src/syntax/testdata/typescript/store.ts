import { Key } from './key'

/** What a store keeps. */
export interface Entry<T> {
  key: Key
  value: T
  expires?(now: number): boolean
}

export type Listener = (key: Key) => void

export enum Mode { Read, Write }

export namespace Paths {
  export const root = '/'
  export function join(a: string, b: string): string { return a + b }
}

export function open(path: string): Store
export function open(path: string, mode?: Mode): Store {
  return new Store(path, mode ?? Mode.Read)
}

@injectable()
export abstract class Store<T = unknown> {
  private listeners: Listener[] = []
  constructor(private path: string, readonly mode: Mode) {}
  abstract close(): void
  // Tells everyone who listens that the entry has another value now.
  put(entry: Entry<T>): void {
    if (this.mode !== Mode.Write) throw new Error(`${this.path} is read-only`)
    for (const listener of this.listeners) listener(entry.key)
  }
}

export const isOpen = (store: Store): boolean => store.mode !== undefined
export const limits = { entries: 100, bytes: 1 << 20 }
declare const VERSION: string
