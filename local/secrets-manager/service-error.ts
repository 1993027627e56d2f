/** The names of Secrets Manager's errors that this endpoint answers with; `OnPurposeException` is a test's. */
export type ServiceErrorName =
  | 'InternalServiceError'
  | 'OnPurposeException'
  | 'InvalidParameterException'
  | 'InvalidRequestException'
  | 'ResourceExistsException'
  | 'ResourceNotFoundException'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException';

/** An error as the service would answer it: AWS JSON 1.1, `{"__type","message"}`. */
export class ServiceError extends Error {
  override readonly name: ServiceErrorName;

  constructor(name: ServiceErrorName, message: string) {
    super(message);
    this.name = name;
  }

  /** HTTP status code */
  get status(): number {
    return this.name === 'InternalServiceError' ? 500 : 400;
  }
}
