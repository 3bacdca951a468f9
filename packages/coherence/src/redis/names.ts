/** What a service's channel uses in Redis. In braces what a cluster hashes: all keys of a script in one slot. */
export interface ChannelNames {
  /** Where pushes are published. */
  readonly pushes: string;
  /** A stream of the last pushes, for replicas whose connection broke. */
  readonly recent: string;
  /** Where that writer listens for acknowledgements. */
  acknowledgements(writer: string): string;
}

export function channelNames(service: string): ChannelNames {
  const prefix = `{portcullis:coherence:${service}}`;
  return {
    pushes: `${prefix}:pushes`,
    recent: `${prefix}:recent`,
    acknowledgements: (writer) => `${prefix}:acks:${writer}`,
  };
}
