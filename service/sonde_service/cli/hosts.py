"""`sonde hosts`: which hosts there are."""

import asyncio
import shlex

import typer
from google.protobuf.json_format import MessageToDict
from rich.cells import cell_len, set_cell_size

from sonde.agent.v1.reading_pb2 import WhitelistRecord
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Host
from sonde_service.cli import asking
from sonde_service.cli import host_fields as fields
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_terminal import options, output
from sonde_terminal.commands import new_app
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text
from sonde_wire.hosts import decode_state

app = new_app("hosts", "Add, change, list, show and remove hosts.")


@app.command(
    epilog=options.examples(
        "sonde hosts add sgp-01 --address unix:/run/sonde/agent.sock",
        "sonde hosts add tyo-02 --address 10.0.0.2:7443 --tls-name tyo-02 \\",
        "  --customer li@example.com --uid-last6 123456 --lang zh --tz Asia/Shanghai \\",
        "  --label region=tyo --whitelist-ip main=203.0.113.7",
    )
)
def add(
    name: fields.Name,
    *,
    address: fields.Address = None,
    tls_name: fields.TlsName = None,
    customer: fields.Email = None,
    uid_last6: fields.UidLast6 = None,
    lang: fields.Lang = None,
    tz: fields.Zone = None,
    label: fields.Labels = None,
    whitelist_ip: fields.WhitelistIps = None,
    service: asking.Service,
) -> None:
    """Add a host."""
    changes = fields.changes(
        address=address,
        tls_name=tls_name,
        email=customer,
        uid_last6=uid_last6,
        language=lang,
        zone=tz,
        labels=label,
        whitelist_ips=whitelist_ip,
    )
    host = Host(name=name)
    changes.apply(host)
    asyncio.run(_create(service, host))
    quoted = shlex.quote(name)
    step = f"diagnose {quoted}" if address else f"hosts set {quoted} --address ADDRESS"
    output.tell(f"added {name}; next: sonde {step}")


async def _create(service: ServiceAddress, host: Host) -> None:
    async with connect(service) as stub:
        await stub.CreateHost(pb.CreateHostRequest(host=host), timeout=DEADLINE)


@app.command(
    "set",
    epilog=options.examples(
        "sonde hosts set sgp-01 --whitelist-ip main=203.0.113.7 --whitelist-ip main=203.0.113.8",
        "sonde hosts set sgp-01 --label region=sgp --label old=",
    ),
)
def set_(
    name: fields.Name,
    *,
    address: fields.Address = None,
    tls_name: fields.TlsName = None,
    customer: fields.Email = None,
    uid_last6: fields.UidLast6 = None,
    lang: fields.Lang = None,
    tz: fields.Zone = None,
    label: fields.Labels = None,
    whitelist_ip: fields.WhitelistIps = None,
    service: asking.Service,
) -> None:
    """Change what is recorded about a host; what is not named stays.

    The addresses given for an account replace its whole list.
    """
    changes = fields.changes(
        address=address,
        tls_name=tls_name,
        email=customer,
        uid_last6=uid_last6,
        language=lang,
        zone=tz,
        labels=label,
        whitelist_ips=whitelist_ip,
    )
    if changes == fields.NOTHING:
        raise typer.BadParameter("say what to change, such as --lang zh", param_hint="NAME")
    asyncio.run(_update(service, name, changes))
    output.tell(f"changed {name}; next: sonde diagnose {shlex.quote(name)}")


async def _update(service: ServiceAddress, name: str, changes: fields.Changes) -> None:
    async with connect(service) as stub:
        found = await stub.GetHost(pb.GetHostRequest(name=name), timeout=DEADLINE)
        changes.apply(found.host)
        await stub.UpdateHost(pb.UpdateHostRequest(host=found.host), timeout=DEADLINE)


@app.command(
    "list",
    epilog=options.examples("sonde hosts list", "sonde hosts list --label region=sgp --json"),
)
def list_(
    *,
    customer: asking.Customer = None,
    label: asking.Labels = None,
    json: options.Json = False,
    service: asking.Service,
) -> None:
    """List hosts, with the sign of each one's latest diagnosis and when it last answered."""
    labels = dict(asking.pairs(label or (), "--label", "K=V, such as region=sgp"))
    filter_ = pb.HostFilter(customer_email=customer or "", labels=labels)
    hosts = asyncio.run(_list(service, filter_))
    if json:
        for host in hosts:
            output.show_json(_to_json(host))
    elif hosts:
        page = output.page()
        heads = ("HOST", "ADDRESS", "LAST SEEN", "CUSTOMER, LABELS")
        output.show(grid(heads, [_row(host, page) for host in hosts], page), page)
    else:
        output.tell("no hosts; add one with `sonde hosts add`")


async def _list(service: ServiceAddress, filter_: pb.HostFilter) -> list[Host]:
    hosts: list[Host] = []
    request = pb.ListHostsRequest(filter=filter_)
    async with connect(service) as stub:
        while True:
            answer = await stub.ListHosts(request, timeout=DEADLINE)
            hosts += answer.hosts
            if not answer.next_page_token:
                return hosts
            request.page_token = answer.next_page_token


def _row(host: Host, page: Page) -> Row:
    rest = [host.customer.email, *(f"{key}={value}" for key, value in sorted(host.labels.items()))]
    return Row(
        Mark.of_host(decode_state(host.state)),
        page.say(host.name, 32),
        page.say(host.address, 60),
        (_last_seen(host),),
        page.say(" ".join(filter(None, rest)), 200),
    )


def _last_seen(host: Host) -> str:
    seen = host.HasField("last_seen_time")
    return f"{host.last_seen_time.ToDatetime():%Y-%m-%d %H:%M} UTC" if seen else "never"


@app.command(epilog=options.examples("sonde hosts show sgp-01", "sonde hosts show sgp-01 --json"))
def show(name: fields.Name, *, json: options.Json = False, service: asking.Service) -> None:
    """Show all that is recorded about a host."""
    host = asyncio.run(_get(service, name))
    if json:
        output.show_json(_to_json(host))
        return
    page = output.page()
    output.show(_lines(host, page), page)


async def _get(service: ServiceAddress, name: str) -> Host:
    async with connect(service) as stub:
        return (await stub.GetHost(pb.GetHostRequest(name=name), timeout=DEADLINE)).host


def _lines(host: Host, page: Page) -> list[Text]:
    customer = host.customer
    facts = {
        "address": host.address,
        "TLS name": host.tls_name,
        "customer": customer.email,
        "UID": customer.uid_last6 and f"...{customer.uid_last6}",
        "language": customer.language,
        "time zone": customer.time_zone,
        "labels": " ".join(f"{key}={value}" for key, value in sorted(host.labels.items())),
        **{f"IP list of {account}": _ip_list(r) for account, r in sorted(host.whitelists.items())},
        "last seen": _last_seen(host),
        "agent": host.agent_version,
    }
    shown = {page.say(name, 48): page.say(value) for name, value in facts.items() if value}
    width = max(map(cell_len, shown))
    sign = Mark.of_host(decode_state(host.state)).sign(page.signs)
    lines = hang(sign, page.say(host.name), page, Role.STRONG)
    for name, value in shown.items():
        lines += hang(Text(f"   {set_cell_size(name, width)}  ", Role.QUIET), value, page)
    return lines


def _ip_list(record: WhitelistRecord) -> str:
    when = f", {record.record_time.ToDatetime():%Y-%m-%d}" if record.HasField("record_time") else ""
    return f"{', '.join(record.entries)} (recorded by {record.recorded_by or 'unknown'}{when})"


def _to_json(host: Host) -> dict[str, object]:
    return dict(MessageToDict(host, preserving_proto_field_name=True))


@app.command(epilog=options.examples("sonde hosts remove sgp-01"))
def remove(name: fields.Name, *, service: asking.Service) -> None:
    """Remove a host. What was found out about it stays.

    Prints the command that adds it again as it was.
    """
    host = asyncio.run(_remove(service, name))
    output.tell(f"removed {name}; its history stays. To add it again:")
    output.tell(shlex.join(fields.as_arguments(host)))


async def _remove(service: ServiceAddress, name: str) -> Host:
    async with connect(service) as stub:
        found = await stub.GetHost(pb.GetHostRequest(name=name), timeout=DEADLINE)
        await stub.DeleteHost(pb.DeleteHostRequest(name=name), timeout=DEADLINE)
        return found.host
