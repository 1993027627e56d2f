#!/bin/bash
# A sidecar as shell scripts of this kind go (aws-samples): AWS CLI, jq, kinit, sleep. Only here to be measured against.
aws configure set credential_source EcsContainer
while true; do
  secret=$(aws secretsmanager get-secret-value --endpoint-url "$AWS_ENDPOINT_URL_SECRETS_MANAGER" \
    --secret-id "$CREDENTIALS_SECRET_ARN" --query SecretString --output text)
  jq -r .password <<<"$secret" | kinit "$(jq -r .username <<<"$secret")"
  sleep "${DELAY_SECONDS:-3600}" &
  wait
done
