"""The words around the findings: column heads, names of sections, counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from sonde_core.catalogue import Language, Owner, Section
from sonde_core.findings import Confidence
from sonde_core.refusals import Surface

Counted = tuple[str, str]
"""What one is called, and what several are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of one language."""

    host: str
    finding: str
    sure: str
    why: str
    hosts: Counted
    healthy: str
    failing: str
    warning: str
    unclear: str
    silent: str
    failures: Counted
    warnings: Counted
    unknowns: str
    checks: Counted
    passed: Counted
    unknown: str
    diagnosis: str
    saved: str
    access: str
    key: str
    engine: str
    supports: str
    contradicts: str
    missing: str
    settle: str
    says: str
    or_else: str
    and_: str
    comma: str
    instant: str
    """How an instant is written, with its zone."""
    colon: str
    sections: Mapping[Section, str]
    confidence: Mapping[Confidence, str]
    owners: Mapping[Owner, str]
    surfaces: Mapping[Surface, str]
    facts: "FactLabels"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLabels:
    """How what a text says is labelled; "{}" is what it says."""

    code: str
    request_ip: str
    banned_until: str
    banned_before: str
    retry_after: str
    limit: str
    symbol: str
    filter: str
    order: str


LABELS: Mapping[Language, Labels] = {
    Language.EN: Labels(
        host="HOST",
        finding="FINDING",
        sure="SURE",
        why="WHY",
        hosts=("host", "hosts"),
        healthy="healthy",
        failing="failing",
        warning="warning",
        unclear="unclear",
        silent="silent",
        failures=("failure", "failures"),
        warnings=("warning", "warnings"),
        unknowns="unknown",
        checks=("check", "checks"),
        passed=("check passed", "checks passed"),
        unknown="unknown",
        diagnosis="diagnosis",
        saved="saved",
        access="exchange access",
        key="key",
        engine="engine",
        supports="supports",
        contradicts="contradicts",
        missing="missing",
        settle="to settle",
        says="the text says",
        or_else="or else",
        and_="; ",
        comma=", ",
        instant="%Y-%m-%d %H:%M:%S %Z",
        colon=": ",
        sections={
            Section.HOST: "agent",
            Section.NETWORK: "network",
            Section.CLOCK: "clock",
            Section.RATE: "limits",
            Section.IP: "address",
            Section.PERMISSION: "permission",
            Section.EXCHANGE: "exchange",
            Section.ORDER: "orders",
        },
        confidence={confidence: confidence.value for confidence in Confidence},
        owners={owner: owner.value for owner in Owner},
        surfaces={
            Surface.SPOT: "spot API",
            Surface.USDM: "USDⓈ-M futures API",
            Surface.COINM: "COIN-M futures API",
            Surface.PAPI: "portfolio margin API",
            Surface.SAPI: "wallet API (SAPI)",
            Surface.WS: "WebSocket",
        },
        facts=FactLabels(
            code="code {}",
            request_ip="the exchange saw {}",
            banned_until="banned until {}",
            banned_before="banned until {}, which is over",
            retry_after="stay away for {} s",
            limit="limit {}",
            symbol="symbol {}",
            filter="filter {}",
            order="order {}",
        ),
    ),
    Language.ZH: Labels(
        host="主机",
        finding="结论",
        sure="把握",
        why="依据",
        hosts=("台主机", "台主机"),
        healthy="正常",
        failing="故障",
        warning="警告",
        unclear="无法判断",
        silent="无应答",
        failures=("项故障", "项故障"),
        warnings=("项警告", "项警告"),
        unknowns="项无法判断",
        checks=("项检查", "项检查"),
        passed=("项检查通过", "项检查通过"),
        unknown="无法判断",
        diagnosis="诊断",
        saved="已保存",
        access="交易所访问",
        key="密钥",
        engine="执行端",
        supports="支持",
        contradicts="不符",
        missing="缺少",
        settle="待确认",
        says="文本内容",
        or_else="也可能是",
        and_="；",
        comma="，",
        instant="%Z %Y-%m-%d %H:%M:%S",
        colon="：",
        sections={
            Section.HOST: "诊断程序",
            Section.NETWORK: "网络",
            Section.CLOCK: "时钟",
            Section.RATE: "限额",
            Section.IP: "出口地址",
            Section.PERMISSION: "权限",
            Section.EXCHANGE: "交易所",
            Section.ORDER: "订单",
        },
        confidence={
            Confidence.CONFIRMED: "确定",
            Confidence.LIKELY: "很可能",
            Confidence.POSSIBLE: "可能",
        },
        owners={
            Owner.CUSTOMER: "客户",
            Owner.SUPPORT: "支持团队",
            Owner.ENGINE: "执行端",
            Owner.EXCHANGE: "交易所",
        },
        surfaces={
            Surface.SPOT: "现货接口",
            Surface.USDM: "U 本位合约接口",
            Surface.COINM: "币本位合约接口",
            Surface.PAPI: "统一账户接口",
            Surface.SAPI: "钱包接口（SAPI）",
            Surface.WS: "WebSocket",
        },
        facts=FactLabels(
            code="错误码 {}",
            request_ip="交易所看到的地址 {}",
            banned_until="封禁到 {}",
            banned_before="封禁到 {}（已结束）",
            retry_after="{} 秒内不要请求",
            limit="限额 {}",
            symbol="交易对 {}",
            filter="过滤器 {}",
            order="订单 {}",
        ),
    ),
}


def count(number: int, counted: Counted) -> str:
    """Return a number with what is counted."""
    return f"{number:,} {counted[number != 1]}"
