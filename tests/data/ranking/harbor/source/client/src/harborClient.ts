import { retryWithBackoff } from "./retry";

export interface Visit {
  ship: string;
  berth: string;
  arrives: Date;
  departs: Date;
}

/** Thrown when the server says that the berth is taken. */
export class BerthTakenError extends Error {}

/** Talks to the server. */
export class HarborClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** Books a visit; a taken berth is not tried again. */
  async bookVisit(visit: Visit): Promise<void> {
    await retryWithBackoff(async () => {
      const response = await fetch(`${this.baseUrl}/visits`, {
        method: "POST",
        headers: { Authorization: this.token },
        body: JSON.stringify(visit),
      });
      if (response.status === 409) {
        throw new BerthTakenError(await response.text());
      }
      if (!response.ok) {
        throw new Error(`server answered ${response.status}`);
      }
    }, (error) => !(error instanceof BerthTakenError));
  }
}
