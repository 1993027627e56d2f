/**
 * The names of the errors that this endpoint returns. They are Secrets Manager's, except `OnPurposeException`, which is
 * for tests.
 */
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

/** An error in the form in which the service returns it: AWS JSON 1.1, `{"__type","message"}`. */
export class ServiceError extends Error {
  override readonly name: ServiceErrorName;

  constructor(name: ServiceErrorName, message: string) {
    super(message);
    this.name = name;
  }

  /** HTTP status code. */
  get status(): number {
    return this.name === 'InternalServiceError' ? 500 : 400;
  }
}
