/** The events that document 002 publishes, as they stand there; one with names in camelCase, one in snake_case. */
import type { DocumentedEvent } from '@refold/sdk';

export const agentCreated = {
  aggregateId: 'agent-123',
  aggregateType: 'agent',
  eventType: 'created',
  eventData: { name: 'Customer Support Agent', model: 'gpt-4', capabilities: ['chat', 'analysis'] },
  userId: 'user-456',
  serviceName: 'agent_service',
} satisfies DocumentedEvent;
export const taskCompleted: DocumentedEvent = {
  aggregate_id: 'task-789',
  aggregate_type: 'task',
  event_type: 'completed',
  event_data: { result: 'Analysis complete', execution_time: 45.2, reward: 0.95 },
  correlation_id: 'workflow-101',
  service_name: 'task_runner',
};
export const agentUpdated = (model: string, more: Partial<DocumentedEvent> = {}): DocumentedEvent => ({ ...agentCreated, eventType: 'updated', eventData: { model }, ...more });
