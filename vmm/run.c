/* SPDX-License-Identifier: MIT */
/*
 * run.c: KVM_RUN, what came of it, again.
 */
#include "run.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "exit.h"
#include "machine.h"
#include "watchdog.h"

static void own_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGALRM);
	sigaddset(set, SIGUSR1);
}

void run_block_signals(void)
{
	sigset_t set;

	own_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool run_set_signals(const struct vcpu *vcpu, struct error *err)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8]; /* the kernel's sigset_t */
	} mask = {.head.len = 8};
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	sigdelset(&set, SIGALRM);
	sigdelset(&set, SIGUSR1);
	memcpy(mask.head.sigset, &set, 8);
	return kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, &mask, err) >= 0;
}

bool run_take_signals(void)
{
	static const struct timespec now;
	bool tick = false;
	sigset_t set;
	int signal;

	own_signals(&set);
	while ((signal = sigtimedwait(&set, NULL, &now)) > 0)
		tick |= signal == SIGALRM;
	return tick;
}

void run_complete_access(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	/* An access across pages comes as two exits. */
	for (unsigned i = 0; i < 4 && ioctl(vcpu->fd, KVM_RUN, 0) >= 0; i++)
		exit_handle(vcpu);
	vcpu->run->immediate_exit = 0;
}

static void fail(struct vcpu *vcpu, int error)
{
	struct error err;

	errno = error;
	error_errno(&err, error == EFAULT ? STATUS_KVM_GAVE_UP : STATUS_HOST, "KVM_RUN");
	machine_fail(vcpu->machine, vcpu, &err);
}

/* KVM_RUN, but for a pause: EINTR then. */
static int enter(struct vcpu *vcpu)
{
	int ret = -1, error = EINTR;

	__atomic_store_n(&vcpu->inside, true, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&vcpu->machine->paused, __ATOMIC_SEQ_CST)) {
		ret = ioctl(vcpu->fd, KVM_RUN, 0);
		error = errno;
	}
	__atomic_store_n(&vcpu->inside, false, __ATOMIC_RELEASE);
	errno = error;
	return ret;
}

/* One KVM_RUN and its consequences. */
static void step(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	int ret = enter(vcpu);
	int error = errno;
	bool tick = ret < 0 && error == EINTR && run_take_signals();

	/* EAGAIN: an INIT or SIPI has changed what the vCPU waits for. */
	if (ret < 0 && error == EAGAIN)
		return;
	pthread_mutex_lock(&machine->lock);
	if (ret >= 0)
		exit_handle(vcpu);
	else if (error != EINTR)
		fail(vcpu, error);
	else
		watchdog_look(vcpu, tick);
	pthread_mutex_unlock(&machine->lock);
}

void run_vcpu(struct vcpu *vcpu)
{
	while (!__atomic_load_n(&vcpu->machine->ended, __ATOMIC_ACQUIRE))
		step(vcpu);
}
