/** What puts the redirect plans of a world into force. */
export interface Redirects {
  /** Resolves when the newest plans are in force. */
  settled(): Promise<void>;
  /** Ends following; what is in force may stay. */
  stop(): Promise<void>;
}
