declare module "harbor" {
  export interface Visit {
    ship: string;
    berth: string;
    arrives: Date;
    departs: Date;
  }
  export class BerthTakenError extends Error {}
  export class HarborClient {
    constructor(baseUrl: string, token: string);
    bookVisit(visit: Visit): Promise<void>;
  }
  export function retryWithBackoff<T>(
    action: () => Promise<T>,
    mayRetry: (error: unknown) => boolean,
  ): Promise<T>;
}
